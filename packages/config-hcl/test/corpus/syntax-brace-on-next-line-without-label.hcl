providers
{
}
